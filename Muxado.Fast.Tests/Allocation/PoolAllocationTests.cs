using System.Net;
using Muxado.Fast.Bench.Compare;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Allocation;

/// <summary>
/// Opening through a pool costs what it costs on a session. One operation: open, send 64 bytes, have them echoed, close. Both ends run in
/// this process, so both are measured.
/// </summary>
public sealed class PoolAllocationTests
{
    private MuxadoListener _listener = null!;
    private MuxadoSession _server = null!;
    private MuxadoSessionPool _pool = null!;

    [SetUp]
    public async Task Connect()
    {
        _listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        _pool = new MuxadoSessionPool(new MuxadoClientOptions { RemoteEndPoint = _listener.LocalEndPoint }, new() { MaxSessions = 1 });
        var first = await _pool.OpenStreamAsync();
        await first.WriteAsync(new byte[1], completeWrites: true);
        _server = await _listener.AcceptSessionAsync();
        await using (var accepted = await _server.AcceptStreamAsync())
            await accepted.ReadExactlyAsync(new byte[1]);
        await first.DisposeAsync();
    }

    [TearDown]
    public async Task Close()
    {
        await _pool.DisposeAsync();
        await _server.DisposeAsync();
        await _listener.DisposeAsync();
    }

    [TestCase(1)]
    [TestCase(16)]
    public async Task Through_handles_nothing_is_allocated(int concurrently)
    {
        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.OpenAcceptEchoClose,
            count => ShortStreams.RunAsync(() => _pool.OpenHandleAsync(), _server, count, concurrently));
    }

    [Test]
    public async Task Through_the_stream_class_only_that_one_object_is_allocated()
    {
        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.StreamFacadePerEnd,
            count => Task.WhenAll(OpenAsync(_pool, count), ShortStreams.EchoAsync(_server, count)));

        static async Task OpenAsync(MuxadoSessionPool pool, int count)
        {
            var memory = new byte[64];
            for (var i = 0; i < count; i++)
            {
                await using var stream = await pool.OpenStreamAsync();
                await stream.WriteAsync(memory, completeWrites: true);
                while (await stream.ReadAsync(memory) > 0)
                {
                    // to the end
                }
            }
        }
    }
}
