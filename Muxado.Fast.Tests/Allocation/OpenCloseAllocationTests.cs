using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Allocation;

/// <summary>One operation: open a stream, send 64 bytes, have them echoed, close. Both ends run in this process, so both are measured.</summary>
public sealed class OpenCloseAllocationTests
{
    private SessionPair _pair = null!;

    [SetUp]
    public async Task Connect() => _pair = await SessionPair.ConnectAsync(TransportKind.Tcp);

    [TearDown]
    public async Task Close() => await _pair.DisposeAsync();

    [TestCase(1)]
    [TestCase(16)]
    public async Task Through_handles_nothing_is_allocated(int concurrently)
    {
        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.OpenAcceptEchoClose,
            count => ShortStreams.RunAsync(() => new(_pair.Client.OpenHandle()), _pair.Server, count, concurrently));
    }

    [Test]
    public async Task Through_the_stream_class_only_that_one_object_is_allocated_at_each_end()
    {
        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: 2 * Budgets.Current.AllocatedBytes.StreamFacadePerEnd,
            count => Task.WhenAll(OpenAsync(_pair.Client, count), AcceptAsync(_pair.Server, count)));

        static async Task OpenAsync(MuxadoSession session, int count)
        {
            var memory = new byte[64];
            for (var i = 0; i < count; i++)
            {
                await using var stream = session.OpenStream();
                await stream.WriteAsync(memory, completeWrites: true);
                while (await stream.ReadAsync(memory) > 0)
                {
                    // to the end
                }
            }
        }

        static async Task AcceptAsync(MuxadoSession session, int count)
        {
            var memory = new byte[64];
            for (var i = 0; i < count; i++)
            {
                await using var stream = await session.AcceptStreamAsync();
                while (await stream.ReadAsync(memory) is > 0 and var received)
                    await stream.WriteAsync(memory.AsMemory(0, received));
            }
        }
    }
}
