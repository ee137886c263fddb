/* 32 x 32 integer matrix product, repeated. */
#include "guest.h"
#ifndef ROUNDS
#define ROUNDS 10
#endif
#define N 32

static int a[8][N][N], b[8][N][N], c[8][N][N];

int main(u64 hart, u64 harts)
{
    u64 h = hart % 8;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[h][i][j] = i + j;
            b[h][i][j] = i - j;
        }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                int sum = 0;
                for (int k = 0; k < N; k++)
                    sum += a[h][i][k] * b[h][k][j];
                c[h][i][j] = sum;
            }
        a[h][0][0] = c[h][N - 1][N - 1] & 1023;
    }
    u64 trace = 0;
    for (int i = 0; i < N; i++)
        trace = trace * 31 + (u32)c[h][i][i];
    barrier(harts);
    if (hart == 0)
        put_result("matmul", trace);
    return 0;
}
