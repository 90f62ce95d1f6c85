using NUnit.Framework;

namespace Muxado.Fast.Tests.Support;

/// <summary>A fixture whose tests run over every kind of transport, each test with a session pair of its own.</summary>
[TestFixture(TransportKind.Memory)]
[TestFixture(TransportKind.Tcp)]
[TestFixture(TransportKind.Unix)]
[TestFixture(TransportKind.Tls)]
public abstract class OverEachTransport(TransportKind kind)
{
    protected TransportKind Kind { get; } = kind;

    protected SessionPair Pair { get; private set; } = null!;

    [SetUp]
    public async Task ConnectSessions() => Pair = await SessionPair.ConnectAsync(Kind);

    [TearDown]
    public async Task CloseSessions() => await Pair.DisposeAsync();

    protected async Task<StreamPair> OpenAsync(MuxadoStreamOptions options = default) => await Pair.OpenAsync(options);

    /// <summary>Fills the peer's receive window: returns a write that waits for credit, and the memory that it sends.</summary>
    protected static (Task Write, byte[] Memory) BlockedWrite(MuxadoStream stream, CancellationToken cancellationToken = default)
    {
        var memory = Pattern.Bytes(4 * 1024 * 1024);
        var write = stream.WriteAsync(memory, cancellationToken).AsTask();
        return (write, memory);
    }

    /// <summary>Waits until everything that <paramref name="sender"/> put on the wire so far was processed by the other side.</summary>
    protected async Task WireSettles(MuxadoSession sender)
    {
        var (opened, accepted) = await Pair.OpenAsync(fromServer: sender == Pair.Server);
        await using (opened)
        await using (accepted)
        {
            // OpenAsync itself has carried a byte across, behind everything sent before it.
        }
    }
}
