using CsCheck;
using Muxado.Fast.FlowControl;
using NUnit.Framework;

namespace Muxado.Fast.Tests.FlowControl;

public sealed class SendWindowTests
{
    [Test]
    public void It_gives_what_there_is_and_no_more()
    {
        SendWindow window = new(65_536);

        Assert.That(window.Take(65_000), Is.EqualTo(65_000));
        Assert.That(window.Take(1_000), Is.EqualTo(536));
        Assert.That(window.Take(1), Is.Zero);
        Assert.That(window.TryGrow(1), Is.True);
        Assert.That(window.Take(10), Is.EqualTo(1));
    }

    [Test]
    public void It_grows_to_the_limit_and_not_past_it()
    {
        SendWindow window = new(65_536);

        Assert.That(window.TryGrow(int.MaxValue - 65_536 + 1), Is.False);
        Assert.That(window.AvailableBytes, Is.EqualTo(65_536));
        Assert.That(window.TryGrow(int.MaxValue - 65_536), Is.True);
        Assert.That(window.AvailableBytes, Is.EqualTo(int.MaxValue));
        Assert.That(window.TryGrow(uint.MaxValue), Is.False);
        Assert.That(window.TryGrow(0), Is.True);
    }

    [Test]
    public void Putting_back_into_a_full_window_keeps_it_full()
    {
        SendWindow window = new(100);
        window.Take(100);
        window.TryGrow(int.MaxValue);

        window.PutBack(100);

        Assert.That(window.AvailableBytes, Is.EqualTo(int.MaxValue));
    }

    [Test]
    public void It_agrees_with_a_naive_ledger() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 100_000]).Array[1, 100].Sample(steps =>
        {
            SendWindow window = new(65_536);
            long granted = 65_536;
            long used = 0;
            foreach ((int kind, int bytes) in steps)
            {
                switch (kind)
                {
                    case 0:
                        int taken = window.Take(bytes);
                        Assert.That(taken, Is.EqualTo(Math.Min(bytes, granted - used)));
                        used += taken;
                        break;
                    case 1:
                        Assert.That(window.TryGrow((uint)bytes), Is.True);
                        granted += bytes;
                        break;
                    default:
                        int unsent = (int)Math.Min(bytes, used);
                        window.PutBack(unsent);
                        used -= unsent;
                        break;
                }

                Assert.That(window.AvailableBytes, Is.EqualTo(granted - used));
            }
        });
}
