using Verify.Engine.Translation;

namespace Verify.Engine.Protocol;

/// <summary>Linking and unlinking of direct jumps; races.md TB07, TB08, TB09.</summary>
public interface ILinkSteps
{
    /// <inheritdoc cref="TbLinker.AddJump"/>
    static virtual bool AddJump(TranslationBlock origin, int n, TranslationBlock destination) => TbLinker.AddJump(origin, n, destination);

    /// <inheritdoc cref="TbLinker.RemoveOutgoing"/>
    static virtual void RemoveOutgoing(TranslationBlock tb, int n) => TbLinker.RemoveOutgoing(tb, n);

    /// <inheritdoc cref="TbLinker.UnlinkIncoming"/>
    static virtual void UnlinkIncoming(TranslationBlock tb) => TbLinker.UnlinkIncoming(tb);
}
