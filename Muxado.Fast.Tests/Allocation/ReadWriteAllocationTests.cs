using System.IO.Pipelines;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Allocation;

/// <summary>Reading and writing allocate nothing. Both ends run in this process, so both are measured.</summary>
public sealed class ReadWriteAllocationTests
{
    private SessionPair _pair = null!;
    private StreamPair _streams;

    [SetUp]
    public async Task Connect()
    {
        _pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        _streams = await _pair.OpenAsync();
    }

    [TearDown]
    public async Task Close() => await _pair.DisposeAsync();

    [Test]
    public async Task A_ping_pong_on_one_open_stream_allocates_nothing()
    {
        var (client, server) = (_streams.Opened.Handle, _streams.Accepted.Handle);

        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.PingPong,
            count => Task.WhenAll(AskAsync(client, count), AnswerAsync(server, count)));

        static async Task AskAsync(MuxadoStreamHandle stream, int count)
        {
            var memory = new byte[64];
            for (var i = 0; i < count; i++)
            {
                await stream.WriteAsync(memory);
                for (var received = 0; received < memory.Length;)
                    received += await stream.ReadAsync(memory.AsMemory(received));
            }
        }

        static async Task AnswerAsync(MuxadoStreamHandle stream, int count)
        {
            var memory = new byte[64];
            for (var i = 0; i < count; i++)
            {
                for (var received = 0; received < memory.Length;)
                    received += await stream.ReadAsync(memory.AsMemory(received));

                await stream.WriteAsync(memory);
            }
        }
    }

    [Test]
    public async Task A_ping_pong_through_the_stream_class_with_a_token_allocates_nothing()
    {
        using var cancellation = new CancellationTokenSource();

        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.PingPong,
            count => Task.WhenAll(
                PingPongAsync(_streams.Opened, count, first: true, cancellation.Token),
                PingPongAsync(_streams.Accepted, count, first: false, cancellation.Token)));

        static async Task PingPongAsync(MuxadoStream stream, int count, bool first, CancellationToken cancellationToken)
        {
            var memory = new byte[64];
            for (var i = 0; i < count; i++)
            {
                if (first)
                    await stream.WriteAsync(memory, cancellationToken);

                for (var received = 0; received < memory.Length;)
                    received += await stream.ReadAsync(memory.AsMemory(received), cancellationToken);

                if (!first)
                    await stream.WriteAsync(memory, cancellationToken);
            }
        }
    }

    [TestCase(100)]
    [TestCase(2 * 1024)]
    [TestCase(20_000)]
    public async Task Writing_and_reading_allocate_nothing(int writeSize)
    {
        var (client, server) = (_streams.Opened.Handle, _streams.Accepted.Handle);
        var (written, read) = (new byte[writeSize], new byte[64 * 1024]);

        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.Write + Budgets.Current.AllocatedBytes.Read,
            count => Task.WhenAll(WriteAsync(client, written, count), ReadAsync(server, read, (long)writeSize * count)));

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

    [Test]
    public async Task A_ping_pong_through_pipes_allocates_nothing()
    {
        var (client, server) = (_streams.Opened.AsDuplexPipe(), _streams.Accepted.AsDuplexPipe());

        await AllocationMeter.AssertBytesPerOperationAsync(
            budget: Budgets.Current.AllocatedBytes.PingPong,
            count => Task.WhenAll(PingPongAsync(client, count, first: true), PingPongAsync(server, count, first: false)));

        static async Task PingPongAsync(IDuplexPipe pipe, int count, bool first)
        {
            for (var i = 0; i < count; i++)
            {
                if (first)
                    await WriteAsync(pipe.Output);

                var read = await pipe.Input.ReadAtLeastAsync(64);
                pipe.Input.AdvanceTo(read.Buffer.End);
                if (!first)
                    await WriteAsync(pipe.Output);
            }
        }

        static ValueTask<FlushResult> WriteAsync(PipeWriter output)
        {
            output.GetSpan(64)[..64].Fill(1);
            output.Advance(64);
            return output.FlushAsync();
        }
    }
}
