using Muxado.Fast.Bench.Chance;
using Muxado.Fast.Bench.Simulation;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Simulation;

/// <summary>The simulation's judge of content has to notice what it is there for.</summary>
public sealed class FlowTests
{
    private Flow _flow = null!;

    [SetUp]
    public void Begin() => _flow = new Flow();

    [Test]
    public void What_was_written_is_read_in_any_pieces()
    {
        byte[] both = [.. Write(100), .. Write(50)];
        _flow.IsEnded = true;
        Assert.That(_flow.Read(both.AsSpan(0, 70)), Is.Null);
        Assert.That(_flow.Missing(), Does.Contain("70 of 100"));
        Assert.That(_flow.Read(both.AsSpan(70)), Is.Null);
        Assert.That(_flow.ReadEnd(), Is.Null);
    }

    [Test]
    public void Of_a_write_that_was_called_off_any_beginning_may_come([Values(0, 1, 60, 100)] int sent)
    {
        byte[] calledOff = Write(100, isWritten: false);
        byte[] next = Write(50);
        _flow.IsEnded = true;
        Assert.That(_flow.Read([.. calledOff[..sent], .. next]), Is.Null);
        Assert.That(_flow.ReadEnd(), Is.Null);
    }

    [Test]
    public void Half_a_write_that_a_disposal_ends_is_noticed([Values] bool isDisposed)
    {
        byte[] calledOff = Write(100, isWritten: false);
        (_flow.IsEnded, _flow.EndsByDisposal) = (true, isDisposed);
        Assert.That(_flow.Read(calledOff.AsSpan(0, 60)), Is.Null);
        Assert.That(_flow.ReadEnd(), isDisposed ? Does.Contain("half a write").And.Contain("60 of 100") : Is.Null);
    }

    [Test]
    public void A_disposal_may_end_what_came_whole_or_not_at_all([Values(0, 100)] int sent)
    {
        byte[] calledOff = Write(100, isWritten: false);
        (_flow.IsEnded, _flow.EndsByDisposal) = (true, true);
        Assert.That(_flow.Read(calledOff.AsSpan(0, sent)), Is.Null);
        Assert.That(_flow.ReadEnd(), Is.Null);
    }

    [Test]
    public void A_disposal_may_end_what_goes_on_behind_half_a_write([Values(0, 1)] int bytes)
    {
        byte[] calledOff = Write(100, isWritten: false);
        byte[] next = Write(bytes);
        (_flow.IsEnded, _flow.EndsByDisposal) = (true, true);
        Assert.That(_flow.Read([.. calledOff[..60], .. next]), Is.Null);
        Assert.That(_flow.ReadEnd(), Is.Null);
    }

    [Test]
    public void A_byte_that_is_lost_repeated_or_changed_is_noticed()
    {
        byte[] written = Write(100);
        Assert.That(_flow.Read([.. written[..50], .. written[51..]]), Is.Not.Null);
        Begin();
        written = Write(100);
        Assert.That(_flow.Read([.. written[..50], .. written[49..]]), Is.Not.Null);
        Begin();
        written = Write(100);
        written[77] ^= 1;
        Assert.That(_flow.Read(written), Is.Not.Null);
    }

    [Test]
    public void The_end_of_a_write_that_succeeded_must_come()
    {
        byte[] first = Write(100);
        byte[] second = Write(100);
        Assert.That(_flow.Read([.. first[..99], .. second]), Does.Contain("up to byte 99"));
    }

    [Test]
    public void Bytes_that_nobody_wrote_are_noticed()
    {
        byte[] written = Write(10);
        Assert.That(_flow.Read([.. written, 0]), Does.Contain("nobody wrote"));
    }

    [Test]
    public void Bytes_of_another_stream_or_of_the_other_direction_are_noticed()
    {
        var stream = new Conversation(3, default);
        var next = new Conversation(5, default);
        foreach (Flow other in new[] { stream.FlowFrom(Side.Server), next.FlowFrom(Side.Client), next.FlowFrom(Side.Server) })
        {
            _flow = other;
            byte[] astray = Write(100);
            _flow = new Conversation(3, default).FlowFrom(Side.Client);
            Write(100);
            Assert.That(_flow.Read(astray), Is.Not.Null);
        }
    }

    [Test]
    public void An_end_that_comes_early_or_uncalled_for_is_noticed()
    {
        byte[] written = Write(10);
        Assert.That(_flow.Read(written), Is.Null);
        Assert.That(_flow.ReadEnd(), Does.Contain("nobody has said it"));

        Begin();
        Write(10);
        _flow.IsEnded = true;
        Assert.That(_flow.ReadEnd(), Does.Contain("0 of 10"));
    }

    private byte[] Write(int bytes, bool isWritten = true)
    {
        byte[] content = _flow.Next(bytes).ToArray();
        _flow.Begin(bytes);
        _flow.End(isWritten);
        return content;
    }
}
