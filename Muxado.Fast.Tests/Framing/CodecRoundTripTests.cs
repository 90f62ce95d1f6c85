using CsCheck;
using Muxado.Fast.Framing;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Framing;

public sealed class CodecRoundTripTests
{
    [Test]
    public void Any_frames_are_read_as_they_were_written() =>
        GenFrames.Frames.Sample(frames =>
        {
            RecordingHandler handler = new();
            FrameDecoder decoder = new(strictGoAway: false);
            byte[] bytes = [.. frames.SelectMany(f => f.Bytes)];

            return decoder.Decode(bytes, handler)
                && decoder.BytesDecoded == bytes.Length
                && handler.Lines.SequenceEqual(frames.SelectMany(f => f.Lines));
        });

    [Test]
    public void A_header_gives_back_its_fields() =>
        Gen.Select(Gen.Byte[0, 31], Gen.Byte, Gen.UInt[0, Wire.MaxStreamId], Gen.Int[0, Wire.MaxPayloadBytes], Gen.Bool)
            .Sample((type, flags, id, payloadBytes, mark) =>
            {
                byte[] bytes = new byte[Wire.HeaderBytes];
                new FrameHeader((FrameType)type, (FrameFlags)flags, id, payloadBytes, mark).Write(bytes);
                FrameHeader header = FrameHeader.Read(bytes);

                return header.Type == (FrameType)type && header.Flags == (FrameFlags)flags && header.StreamId == id
                    && header.PayloadBytes == payloadBytes && header.HonestGoAway == mark && header.IsFin == ((flags & 1) != 0);
            });

    [Test]
    public void Reserved_bits_other_than_the_mark_change_nothing()
    {
        FrameHeader header = FrameHeader.Read(FrameScript.Hex("c00500c3 80000005"));

        Assert.Multiple(() =>
        {
            Assert.That(header.Type, Is.EqualTo(FrameType.Data));
            Assert.That(header.PayloadBytes, Is.EqualTo(5));
            Assert.That(header.StreamId, Is.EqualTo(5));
            Assert.That(header.HonestGoAway, Is.False);
        });
    }
}
