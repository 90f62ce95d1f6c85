using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Tests.Allocation;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>What the allocation tests hold when nobody listens holds with a listener to every instrument, too.</summary>
public sealed class ListenedAllocationTests
{
    private MeterReadings _meter = null!;
    private SessionPair _pair = null!;

    [SetUp]
    public async Task Connect()
    {
        _meter = new MeterReadings();
        _pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
    }

    [TearDown]
    public async Task Close()
    {
        await _pair.DisposeAsync();
        _meter.Dispose();
    }

    [TestCase(1)]
    [TestCase(16)]
    public async Task Opening_echoing_and_closing_allocates_nothing(int concurrently)
    {
        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.OpenAcceptEchoClose,
            count => ShortStreams.RunAsync(() => new(_pair.Client.OpenHandle()), _pair.Server, count, concurrently));
    }

    [Test]
    public async Task Writes_that_wait_allocate_nothing()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var (written, read) = (new byte[100_000], new byte[64 * 1024]);

        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.Write + Budgets.Current.AllocatedBytes.Read,
            count => Task.WhenAll(WriteAsync(opened.Handle, written, count / 10), ReadAsync(accepted.Handle, read, (long)written.Length * (count / 10))));
        Assert.That(_meter.Changes("muxado.stream.blocked.time"), Is.Not.Empty, "something was measured");

        static async Task WriteAsync(MuxadoStreamHandle stream, byte[] memory, int count)
        {
            for (var i = 0; i < count; i++)
                await stream.WriteAsync(memory);
        }

        static async Task ReadAsync(MuxadoStreamHandle stream, byte[] memory, long count)
        {
            while (count > 0)
                count -= await stream.ReadAsync(memory);
        }
    }
}
