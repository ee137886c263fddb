using Verify.Engine.Guest;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Dirty;

/// <summary>A guest that stores a word twice at the address in a2, and ends its hart.</summary>
internal static class MachineStoreGuest
{
    internal const int First = 5, Second = 7;

    internal static GuestImage Image { get; } = GuestCode.Image(
        GuestCode.AddImmediate(GuestCode.A1, 0, First), GuestCode.StoreWord(GuestCode.A1, GuestCode.A2),
        GuestCode.AddImmediate(GuestCode.A1, 0, Second), GuestCode.StoreWord(GuestCode.A1, GuestCode.A2),
        GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);
}
