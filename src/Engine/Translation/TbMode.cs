namespace Verify.Engine.Translation;

/// <summary>The mode of the hart a block was translated for; part of what a look-up must match, as QEMU's <c>flags</c>.</summary>
public enum TbMode : byte
{
    /// <summary>Addresses are physical: pages follow each other as they do in the pc.</summary>
    Machine,

    Supervisor,
    User,

    /// <summary>Machine mode under locked memory protection: what may be executed depends on the hart.</summary>
    ProtectedMachine,
}
