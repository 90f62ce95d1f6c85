namespace Muxado.Fast.Tests.Faults;

/// <summary>One stream in the hands of one side's application, which notes what it reads and how everything ends.</summary>
/// <remarks>One task reads and one writes; who looks at the notes does so when both have ended.</remarks>
internal sealed class Talk(MuxadoStream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly List<byte> _heard = [];

    public MuxadoStream Stream => stream;

    public uint Id { get; } = stream.Id;

    /// <summary>What was read so far.</summary>
    public byte[] Heard => [.. _heard];

    /// <summary>What was to be written; empty if it did not come to that.</summary>
    public byte[] Content { get; private set; } = [];

    /// <summary>How reading ended, in order at the end of the stream; null while it goes on, or if nothing was read.</summary>
    public Ending? Reading { get; private set; }

    /// <summary>How writing ended; null while it goes on, or if nothing was written.</summary>
    public Ending? Writing { get; private set; }

    public async Task ListenAsync()
    {
        Reading = await EndOf(ReadToEndAsync);

        // An end is no event but a state: whoever asks again gets the same answer.
        var again = await EndOf(ReadToEndAsync);
        if (again != Reading)
            throw new InvalidOperationException($"Stream {Id} ended with {Reading}, and when read again with {again}.");
    }

    public async Task SayAsync(byte[] content)
    {
        Content = content;
        Writing = await EndOf(async () =>
        {
            int third = content.Length / 3;
            await stream.WriteAsync(content.AsMemory(0, third));
            await stream.WriteAsync(content.AsMemory(third), completeWrites: true);
        });
    }

    /// <summary>Says back what the other side said, once that is whole.</summary>
    public async Task EchoAsync()
    {
        await ListenAsync();
        if (Reading == Ending.InOrder)
            await SayAsync(Heard);
    }

    /// <summary>How an action ends: in order, or with a failure of this library. Any other failure is passed on.</summary>
    public static async Task<Ending> EndOf(Func<Task> action)
    {
        try
        {
            await action();
            return Ending.InOrder;
        }
        catch (MuxadoException failure)
        {
            return Ending.Of(failure);
        }
    }

    private async Task ReadToEndAsync()
    {
        while (await stream.ReadAsync(_buffer) is > 0 and var count)
            _heard.AddRange(_buffer.AsSpan(0, count));
    }
}
