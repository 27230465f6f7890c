package io.hindsight.launcher.demo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** DNS messages (RFC 1035, section 4) as far as the demo needs them: one question, one address as the answer. */
final class DnsMessage {
    /** Bytes of a message over UDP. */
    static final int MAX_LENGTH = 512;

    private static final int HEADER_LENGTH = 12;
    private static final short RECURSION_DESIRED = 0x0100;
    private static final short ANSWERED = (short) 0x8180;
    private static final short TYPE_A = 1;
    private static final short CLASS_IN = 1;
    private static final int FLAGS_OFFSET = 2;
    private static final int ANSWER_COUNT_OFFSET = 6;

    /** The name is the one at offset 12: that of the question. */
    private static final short NAME_OF_QUESTION = (short) 0xC00C;

    private static final int TIME_TO_LIVE_SECONDS = 60;

    /** From the block that is set apart for documentation (RFC 5737). */
    private static final byte[] ADDRESS = {(byte) 192, 0, 2, 83};

    private DnsMessage() {}

    static byte[] question(int id, String name) {
        ByteBuffer message =
                ByteBuffer.allocate(MAX_LENGTH)
                        .putShort((short) id)
                        .putShort(RECURSION_DESIRED)
                        .putShort((short) 1)
                        .position(HEADER_LENGTH);
        for (String label : name.split("\\.", -1)) {
            message.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        return bytes(message.put((byte) 0).putShort(TYPE_A).putShort(CLASS_IN));
    }

    /** The question with its answer. */
    static byte[] answer(byte[] question, int length) {
        ByteBuffer message =
                ByteBuffer.allocate(length + 16)
                        .put(question, 0, length)
                        .putShort(NAME_OF_QUESTION)
                        .putShort(TYPE_A)
                        .putShort(CLASS_IN)
                        .putInt(TIME_TO_LIVE_SECONDS)
                        .putShort((short) ADDRESS.length)
                        .put(ADDRESS);
        return bytes(message.putShort(FLAGS_OFFSET, ANSWERED).putShort(ANSWER_COUNT_OFFSET, (short) 1));
    }

    private static byte[] bytes(ByteBuffer message) {
        byte[] bytes = new byte[message.position()];
        message.flip().get(bytes);
        return bytes;
    }
}
