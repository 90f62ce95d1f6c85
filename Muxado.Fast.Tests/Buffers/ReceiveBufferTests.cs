using Muxado.Fast.Buffers;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Buffers;

public sealed class ReceiveBufferTests
{
    private readonly ReceiveBuffer _buffer = new();

    [TearDown]
    public void Release() => _buffer.Release();

    [Test]
    public void It_stays_small_while_that_is_enough()
    {
        for (var i = 0; i < 100; i++)
            _buffer.OnParsed(ReceiveBuffer.SmallBytes - 1);

        Assert.That(_buffer.Array, Has.Length.EqualTo(ReceiveBuffer.SmallBytes));
    }

    [Test]
    public void It_grows_when_a_receive_fills_it()
    {
        _buffer.OnParsed(ReceiveBuffer.SmallBytes);

        Assert.That(_buffer.Array, Has.Length.EqualTo(ReceiveBuffer.LargeBytes));
    }

    [Test]
    public void It_shrinks_after_a_run_of_small_receives_and_not_before()
    {
        _buffer.OnParsed(ReceiveBuffer.SmallBytes);
        for (var i = 1; i < ReceiveBuffer.CalmReceives; i++)
            _buffer.OnParsed(1);
        _buffer.OnParsed(ReceiveBuffer.LargeBytes); // one that is large begins the run anew
        for (var i = 1; i < ReceiveBuffer.CalmReceives; i++)
            _buffer.OnParsed(ReceiveBuffer.SmallBytes / 2);

        Assert.That(_buffer.Array, Has.Length.EqualTo(ReceiveBuffer.LargeBytes));

        _buffer.OnParsed(1);

        Assert.That(_buffer.Array, Has.Length.EqualTo(ReceiveBuffer.SmallBytes));
    }

    [Test]
    public void A_calm_start_is_no_reason_to_give_up_what_just_grew()
    {
        for (var i = 0; i < 2 * ReceiveBuffer.CalmReceives; i++)
            _buffer.OnParsed(1);

        _buffer.OnParsed(ReceiveBuffer.SmallBytes);

        Assert.That(_buffer.Array, Has.Length.EqualTo(ReceiveBuffer.LargeBytes));
    }

    [Test]
    public void Released_it_is_small_again()
    {
        _buffer.OnParsed(ReceiveBuffer.SmallBytes);

        _buffer.Release();

        Assert.That(_buffer.Array, Has.Length.EqualTo(ReceiveBuffer.SmallBytes));
    }
}
