using Verify.Engine.Guest;

namespace Verify.Engine.Translation;

/// <summary>Where the code at a pc lies in guest physical memory.</summary>
/// <param name="Physical">Of the first instruction; 2-byte aligned, in RAM.</param>
/// <param name="SecondPage">If the first instruction reaches into the next page: that page's address; else <see cref="None"/>.</param>
public readonly record struct CodeAddress(ulong Physical, ulong SecondPage)
{
    public const ulong None = ulong.MaxValue;

    /// <summary>Guest pages the first instruction lies in.</summary>
    public bool SpansTwoPages => SecondPage != None;

    /// <summary>The first two bytes of an instruction say that it has four.</summary>
    public static bool IsLong(ushort parcel) => (parcel & 3) == 3;

    /// <summary>Number of bytes of the page that follow the first instruction's start.</summary>
    public int BytesInPage => GuestRam.PageSize - (int)(Physical & (GuestRam.PageSize - 1));
}
