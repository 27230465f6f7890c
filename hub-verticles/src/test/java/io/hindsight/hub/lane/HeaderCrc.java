package io.hindsight.hub.lane;

import io.hindsight.chunk.ChunkHeaderDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Makes the header CRC of changed bytes right again. */
final class HeaderCrc {
    private HeaderCrc() {}

    static byte[] corrected(byte[] chunk) {
        byte[] bytes = chunk.clone();
        ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int field = ChunkHeaderDescriptor.OFFSET_IN_CHUNK + ChunkHeaderDescriptor.HEADER_CRC_OFFSET;
        view.putInt(field, 0);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, view.getInt(4));
        view.putInt(field, (int) crc.getValue());
        return bytes;
    }
}
