namespace Verify.Engine.Guest;

/// <summary>The text the guest prints, through whatever device: one writer at a time.</summary>
public sealed class GuestConsole(TextWriter writer)
{
    private readonly object _lock = new(); // the writer is used under it

    public void Write(char character)
    {
        lock (_lock)
        {
            writer.Write(character);
        }
    }

    public void Write(string text)
    {
        lock (_lock)
        {
            writer.Write(text);
        }
    }
}
