package io.hindsight.agent.capture;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes capture files byte by byte, in either byte order. Not the code under test. */
@SuppressWarnings("ByteBufferBackingArray") // every buffer here is allocated here, whole
final class CaptureFiles {
    private final ByteOrder order;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    CaptureFiles(ByteOrder order) {
        this.order = order;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    CaptureFiles pcapHeader(int magic, int linkType) {
        return add(
                buffer(24)
                        .putInt(magic)
                        .putShort((short) 2)
                        .putShort((short) 4)
                        .putLong(0)
                        .putInt(65_535)
                        .putInt(linkType));
    }

    CaptureFiles pcapPacket(int seconds, int fraction, int originalLength, byte... data) {
        add(buffer(16).putInt(seconds).putInt(fraction).putInt(data.length).putInt(originalLength));
        bytes.writeBytes(data);
        return this;
    }

    CaptureFiles section() {
        return block(0x0A0D0D0A, buffer(16).putInt(0x1A2B3C4D).putShort((short) 1).putShort((short) 0).putLong(-1));
    }

    /** {@code resolution} below 0: the option is left out. */
    CaptureFiles description(String name, int linkType, int snapLength, int resolution, long offsetSeconds) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer body =
                buffer(64 + align(text.length)).putShort((short) linkType).putShort((short) 0).putInt(snapLength);
        option(body, 2, text);
        if (resolution >= 0) {
            option(body, 9, (byte) resolution);
        }
        if (offsetSeconds != 0) {
            option(body, 14, buffer(8).putLong(offsetSeconds).array());
        }
        return block(1, trim(body.putInt(0)));
    }

    CaptureFiles enhanced(int interfaceId, long ticks, int originalLength, int flags, byte... data) {
        ByteBuffer body = timed(buffer(40 + data.length).putInt(interfaceId), ticks, originalLength, data);
        option(body, 2, buffer(4).putInt(flags).array());
        return block(6, trim(body.putInt(0)));
    }

    CaptureFiles obsolete(int interfaceId, long ticks, int originalLength, byte... data) {
        ByteBuffer body = buffer(40 + data.length).putShort((short) interfaceId).putShort((short) 0);
        return block(2, trim(timed(body, ticks, originalLength, data)));
    }

    CaptureFiles simple(int originalLength, byte... data) {
        return block(3, trim(pad(buffer(8 + data.length).putInt(originalLength).put(data))));
    }

    CaptureFiles block(int type, ByteBuffer body) {
        int length = 12 + align(body.capacity());
        ByteBuffer block = buffer(length).putInt(type).putInt(length).put(body.array());
        return add(block.position(length - 4).putInt(length));
    }

    private ByteBuffer timed(ByteBuffer body, long ticks, int originalLength, byte... data) {
        body.putInt((int) (ticks >>> 32)).putInt((int) ticks).putInt(data.length).putInt(originalLength).put(data);
        return pad(body);
    }

    private static void option(ByteBuffer body, int code, byte... value) {
        pad(body.putShort((short) code).putShort((short) value.length).put(value));
    }

    private static ByteBuffer pad(ByteBuffer body) {
        return body.position(align(body.position()));
    }

    private ByteBuffer trim(ByteBuffer body) {
        return buffer(body.position()).put(body.array(), 0, body.position());
    }

    private static int align(int length) {
        return (length + 3) & ~3;
    }

    ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(order);
    }

    private CaptureFiles add(ByteBuffer buffer) {
        bytes.writeBytes(buffer.array());
        return this;
    }
}
