using CsCheck;
using Muxado.Fast.FlowControl;
using NUnit.Framework;

namespace Muxado.Fast.Tests.FlowControl;

public sealed class ReceiveWindowTests
{
    private const int Size = 65_536;

    [Test]
    public void It_takes_exactly_what_was_granted()
    {
        ReceiveWindow window = new(Size);

        Assert.That(window.TryCharge(Size), Is.True);
        Assert.That(window.TryCharge(0), Is.True);
        Assert.That(window.TryCharge(1), Is.False);
    }

    [Test]
    public void A_refused_charge_charges_nothing()
    {
        ReceiveWindow window = new(Size);

        Assert.That(window.TryCharge(Size + 1), Is.False);
        Assert.That(window.TryCharge(Size), Is.True);
    }

    [Test]
    public void Credit_is_granted_when_half_the_window_is_owed()
    {
        ReceiveWindow window = new(Size);
        window.TryCharge(Size);

        Assert.That(window.Consume((Size / 2) - 1), Is.Zero);
        Assert.That(window.OwedBytes, Is.EqualTo((Size / 2) - 1));
        Assert.That(window.Consume(1), Is.EqualTo(Size / 2));
        Assert.That(window.OwedBytes, Is.Zero);
    }

    [Test]
    public void All_that_is_owed_can_be_taken_before_half()
    {
        ReceiveWindow window = new(Size);
        window.TryCharge(10);
        window.Consume(7);

        Assert.That(window.TakeOwed(), Is.EqualTo(7));
        Assert.That(window.TakeOwed(), Is.Zero);
        Assert.That(window.TryCharge(Size - 3), Is.True);
        Assert.That(window.TryCharge(1), Is.False);
    }

    [Test]
    public void A_larger_window_is_owed_and_not_yet_granted()
    {
        ReceiveWindow window = new(Size);
        window.Grow(2 * Size);

        Assert.That(window.SizeBytes, Is.EqualTo(2 * Size));
        Assert.That(window.TryCharge(Size + 1), Is.False);
        Assert.That(window.TakeOwed(), Is.EqualTo(Size));
        Assert.That(window.TryCharge(Size + 1), Is.True);
    }

    [Test]
    public void A_window_does_not_shrink() =>
        Assert.That(() => new ReceiveWindow(Size).Grow(Size - 1), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void The_largest_window_works()
    {
        ReceiveWindow window = new(Size);
        window.Grow(int.MaxValue);

        Assert.That(window.TakeOwed(), Is.EqualTo(int.MaxValue - Size));
        Assert.That(window.TryCharge(int.MaxValue), Is.True);
        Assert.That(window.Consume(int.MaxValue), Is.EqualTo(int.MaxValue));
    }

    // The two ends of one direction: what the sender may send is at all times what the receiver still takes.
    [Test]
    public void It_agrees_with_a_naive_ledger_and_with_the_sender() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 100_000]).Array[1, 150].Sample(steps =>
        {
            ReceiveWindow window = new(Size);
            SendWindow sender = new(Size);
            long size = Size, received = 0, consumed = 0, granted = Size;
            foreach ((int kind, int bytes) in steps)
            {
                switch (kind)
                {
                    case 0:
                        bool fits = received + bytes <= granted;
                        Assert.That(window.TryCharge(bytes), Is.EqualTo(fits));
                        int sent = sender.Take(bytes);
                        Assert.That(sent == bytes, Is.EqualTo(fits));
                        if (fits)
                            received += bytes;
                        else
                            sender.PutBack(sent);
                        break;
                    case 1:
                        int read = (int)Math.Min(bytes, received - consumed);
                        consumed += read;
                        long owed = consumed + size - granted;
                        int credit = window.Consume(read);
                        Assert.That(credit, Is.EqualTo(2 * owed >= size ? owed : 0));
                        granted += credit;
                        Assert.That(sender.TryGrow((uint)credit), Is.True);
                        break;
                    case 2:
                        Assert.That(window.OwedBytes, Is.EqualTo(consumed + size - granted));
                        int taken = window.TakeOwed();
                        granted += taken;
                        Assert.That(sender.TryGrow((uint)taken), Is.True);
                        break;
                    default:
                        size = Math.Min(size + (bytes / 10), 1 << 20);
                        window.Grow((int)size);
                        break;
                }

                Assert.That(window.SizeBytes, Is.EqualTo(size));
                Assert.That(sender.AvailableBytes, Is.EqualTo(granted - received));
            }
        });
}
