namespace Verify.Engine.Protocol;

/// <summary>
/// Every step of the engine's concurrent protocols whose order or lock matters, each replaceable from outside by overriding one member.
/// </summary>
/// <remarks>
/// The defaults are the engine: <see cref="UpstreamProtocol"/> overrides nothing, and the JIT specialises the machine for it, so a step costs a
/// direct call or none. A design with one line wrong is a struct that overrides the one step that holds the line.
/// </remarks>
public interface IProtocol :
    ILinkSteps, IInvalidateSteps, ILookupSteps, IGenerateSteps, IFlushSteps, IExclusiveSteps, IWorkSteps, IPlugSteps, IStepAtomicSteps, IRamSteps,
    IPauseSteps;

/// <summary>The protocol of QEMU since 2018, as the engine implements it.</summary>
public readonly struct UpstreamProtocol : IProtocol;
