namespace Muxado.Fast.Bench.Rivals;

/// <summary>The server's side of an arm: an echo service and a bulk receiver, running until disposed.</summary>
internal abstract class ArmServer : IDisposable
{
    public abstract ArmServerAddress Address { get; }

    public static ArmServer Start(string arm) => ArmCatalog.GetDotNet(arm).StartServer();

    public abstract void Dispose();
}
