using System.Text;

namespace Verify.Cli.Runs;

/// <summary>Passes on what is written, and keeps it.</summary>
internal sealed class TeeWriter(TextWriter to) : TextWriter
{
    private readonly StringBuilder _kept = new();

    public override Encoding Encoding => to.Encoding;

    public override void Write(char value)
    {
        _kept.Append(value);
        to.Write(value);
    }

    /// <summary>All that was written.</summary>
    public override string ToString() => _kept.ToString();
}
