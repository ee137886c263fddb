using System.Runtime.InteropServices;

namespace Verify.Engine.Backends.X64;

/// <summary>A number by which generated code names an object. It keeps nothing alive: whoever runs the code does.</summary>
internal sealed class WeakHandle : SafeHandle
{
    internal WeakHandle(object target)
        : base(0, ownsHandle: true) => SetHandle(GCHandle.ToIntPtr(GCHandle.Alloc(target, GCHandleType.Weak)));

    public override bool IsInvalid => handle == 0;

    internal nint Value => handle;

    protected override bool ReleaseHandle()
    {
        GCHandle.FromIntPtr(handle).Free();
        return true;
    }
}
