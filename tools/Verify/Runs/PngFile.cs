using System.Buffers.Binary;
using System.IO.Compression;

namespace Verify.Cli.Runs;

/// <summary>Writes a picture as PNG: 8-bit RGB, no filter, zlib. After the W3C "Portable Network Graphics (PNG) Specification", third edition.</summary>
internal static class PngFile
{
    private static readonly uint[] s_crc = [.. Enumerable.Range(0, 256).Select(n =>
    {
        uint c = (uint)n;
        for (int bit = 0; bit < 8; bit++)
        {
            c = (c & 1) != 0 ? 0xedb88320 ^ (c >> 1) : c >> 1;
        }

        return c;
    })];

    // Pixels are 0x00rrggbb, line after line.
    internal static void Write(string path, ReadOnlySpan<uint> pixels, int width)
    {
        int height = pixels.Length / width;
        using FileStream file = File.Create(path);
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2); // bits a sample, RGB
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress(pixels, width));
        WriteChunk(file, "IEND"u8, []);
    }

    private static byte[] Compress(ReadOnlySpan<uint> pixels, int width)
    {
        MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionLevel.Fastest))
        {
            byte[] line = new byte[1 + (3 * width)]; // filter 0, then the samples
            for (int at = 0; at < pixels.Length; at += width)
            {
                for (int x = 0; x < width; x++)
                {
                    uint pixel = pixels[at + x];
                    (line[1 + (3 * x)], line[2 + (3 * x)], line[3 + (3 * x)]) = ((byte)(pixel >> 16), (byte)(pixel >> 8), (byte)pixel);
                }

                zlib.Write(line);
            }
        }

        return data.ToArray();
    }

    private static void WriteChunk(Stream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] word = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(type);
        file.Write(data);
        uint crc = uint.MaxValue;
        foreach (ReadOnlySpan<byte> part in (byte[][])[type.ToArray(), data.ToArray()])
        {
            foreach (byte b in part)
            {
                crc = s_crc[(crc ^ b) & 255] ^ (crc >> 8);
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(word, ~crc);
        file.Write(word);
    }
}
