namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="IDisposable.Dispose"/>, which is what a <c>using</c> statement calls: modelled objects are disposed in their model.</summary>
[ShimFor(typeof(IDisposable))]
public static class DisposableShim
{
    public static void Dispose(IDisposable self, int site)
    {
        switch (self)
        {
            case WaitHandle handle:
                WaitHandleShim.Dispose(handle, site);
                break;
            case SemaphoreSlim semaphore:
                SemaphoreSlimShim.Dispose(semaphore, site);
                break;
            case ManualResetEventSlim slim:
                ManualResetEventSlimShim.Dispose(slim, site);
                break;
            case CountdownEvent countdown:
                CountdownEventShim.Dispose(countdown, site);
                break;
            case ReaderWriterLockSlim readerWriter:
                ReaderWriterLockSlimShim.Dispose(readerWriter, site);
                break;
            case Barrier barrier:
                BarrierShim.Dispose(barrier, site);
                break;
            case CancellationTokenSource source:
                CancellationTokenSourceShim.Dispose(source, site);
                break;
            case CancellationTokenRegistration registration:
                CancellationTokenRegistrationShim.Dispose(ref registration, site);
                break;
            default:
                self.Dispose();
                break;
        }
    }
}
