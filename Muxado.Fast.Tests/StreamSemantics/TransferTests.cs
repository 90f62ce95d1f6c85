using System.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

public sealed class TransferTests(TransportKind kind) : OverEachTransport(kind)
{
    [TestCase(1)]
    [TestCase(2 * 1024)]
    [TestCase(16 * 1024 - 1)]
    [TestCase(16 * 1024)]
    [TestCase(64 * 1024)]
    [TestCase(64 * 1024 + 1)]
    [TestCase(1024 * 1024 + 3)]
    public async Task What_is_written_at_once_arrives_whole_and_then_the_end(int size)
    {
        var (opened, accepted) = await OpenAsync();

        var writing = opened.WriteAsync(Pattern.Bytes(size), completeWrites: true).AsTask();

        Assert.That(await Pattern.VerifyToEndAsync(accepted).Soon(), Is.EqualTo(size));
        await writing.Soon();
    }

    [Test]
    public async Task Large_content_crosses_in_both_directions_at_once()
    {
        const int Size = 8 * 1024 * 1024;
        var (opened, accepted) = await OpenAsync();

        var toServer = SendAsync(opened);
        var toClient = SendAsync(accepted);
        var atServer = Pattern.VerifyToEndAsync(accepted);
        var atClient = Pattern.VerifyToEndAsync(opened);

        await Task.WhenAll(toServer, toClient, atServer, atClient).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That((await atServer, await atClient), Is.EqualTo((Size, Size)));

        static async Task SendAsync(MuxadoStream stream)
        {
            await Pattern.WriteAsync(stream, Size, writeSize: 50_000);
            stream.CompleteWrites();
        }
    }

    [Test]
    public async Task A_blocking_write_that_is_interrupted_goes_on_with_what_it_was_given()
    {
        const int Size = 4 * 1024 * 1024;
        var (opened, accepted) = await OpenAsync();
        var (reader, writer) = await OpenAsync();
        var interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                opened.Write(Pattern.Bytes(Size));
            }
            catch (ThreadInterruptedException)
            {
                Array.Fill(ArrayPool<byte>.Shared.Rent(Size), (byte)0xEE);
                interrupted.SetResult();
            }

            try
            {
                // What the interrupted wait has left behind must not end this one.
                read.SetResult(reader.Read(new byte[10]));
            }
            catch (Exception failure)
            {
                read.SetException(failure);
            }
        });
        thread.Start();
        await Timing.Until(() => (thread.ThreadState & ThreadState.WaitSleepJoin) != 0, "the thread waits");
        await Timing.StaysPending(interrupted.Task, "A write of more than a window");

        thread.Interrupt();

        await interrupted.Task.Soon();
        await Pattern.VerifyAsync(accepted, Size);
        await Timing.StaysPending(read.Task, "A read while nothing has come");
        await writer.WriteAsync(new byte[5]).Soon();
        Assert.That(await read.Task.Soon(), Is.EqualTo(5));
    }

    [Test]
    public async Task Many_streams_carry_their_own_content_at_once()
    {
        const int Size = 300_000;
        const long ApartBytes = 1_000_003;
        var transfers = new List<Task<long>>();
        for (var i = 0; i < 32; i++)
        {
            var (opened, accepted) = await OpenAsync();
            transfers.Add(TransferAsync(opened, accepted, from: i * ApartBytes));
        }

        Assert.That(await Task.WhenAll(transfers).WaitAsync(TimeSpan.FromSeconds(30)), Is.All.EqualTo(Size));

        static async Task<long> TransferAsync(MuxadoStream opened, MuxadoStream accepted, long from)
        {
            var reading = Pattern.VerifyToEndAsync(accepted, from);
            await Pattern.WriteAsync(opened, Size, writeSize: 7_001, from);
            opened.CompleteWrites();
            return await reading;
        }
    }

    [Test]
    public async Task Writes_of_one_byte_arrive_in_order()
    {
        const int Count = 20_000;
        var (opened, accepted) = await OpenAsync();
        var reading = Pattern.VerifyToEndAsync(accepted);

        await Pattern.WriteAsync(opened, Count, writeSize: 1);
        opened.CompleteWrites();

        Assert.That(await reading.Soon(), Is.EqualTo(Count));
    }

    [Test]
    public async Task Reads_of_one_byte_take_everything()
    {
        const int Count = 20_000;
        var (opened, accepted) = await OpenAsync();

        await opened.WriteAsync(Pattern.Bytes(Count), completeWrites: true).Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted, readSize: 1), Is.EqualTo(Count));
    }

    [Test]
    public async Task Blocking_reads_and_writes_carry_data_and_end()
    {
        const int Count = 500_000;
        var (opened, accepted) = await OpenAsync();

        var writing = Task.Run(() =>
        {
            opened.Write(Pattern.Bytes(Count));
            opened.CompleteWrites();
        });
        var received = await Task.Run(() =>
        {
            using var content = new MemoryStream();
            accepted.CopyTo(content);
            return content.ToArray();
        }).Soon();
        await writing.Soon();

        Assert.That(received, Has.Length.EqualTo(Count));
        Pattern.Verify(received, 0);
    }

    [Test]
    public async Task A_stream_opened_by_the_server_carries_data_too()
    {
        var (opened, accepted) = await Pair.OpenAsync(fromServer: true);

        await opened.WriteAsync(Pattern.Bytes(40_000), completeWrites: true).Soon();
        await accepted.WriteAsync(Pattern.Bytes(30_000), completeWrites: true).Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(40_000));
        Assert.That(await Pattern.VerifyToEndAsync(opened), Is.EqualTo(30_000));
    }

    [Test]
    public async Task The_memory_of_a_finished_write_is_the_callers_again()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = Pattern.VerifyToEndAsync(accepted);

        for (var position = 0; position < 2_000_000; position += 40_000)
        {
            var memory = Pattern.Bytes(40_000, position);
            await opened.WriteAsync(memory).Soon();
            memory.AsSpan().Fill(0xEE);
        }

        opened.CompleteWrites();
        Assert.That(await reading.Soon(), Is.EqualTo(2_000_000));
    }
}
