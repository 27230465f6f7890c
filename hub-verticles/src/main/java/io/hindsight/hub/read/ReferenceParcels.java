package io.hindsight.hub.read;

import io.hindsight.bus.BufferPiece;
import io.hindsight.bus.ChunkCodec;
import io.hindsight.chunk.ChunkHeader;
import io.vertx.core.eventbus.DeliveryOptions;

/** Whole chunks, by reference: the reader reads the mapped file. Its pages have been read by the time it is sent. */
final class ReferenceParcels implements Parcel.Source {
    private final ReadCursor cursor;
    private final ReadPages pages;
    private long number;

    ReferenceParcels(ReadCursor cursor, ReadPages pages) {
        this.cursor = cursor;
        this.pages = pages;
    }

    @Override
    public Parcel take(long creditBytes, boolean anyLength) {
        ChunkHeader header = cursor.peek();
        if (header == null) {
            return new Parcel.None();
        }
        long length = header.lengthBytes();
        if (length > creditBytes && !anyLength) {
            return new Parcel.Waits(length);
        }
        DeliveryOptions options =
                new DeliveryOptions()
                        .setLocalOnly(true)
                        .setCodecName(ChunkCodec.NAME)
                        .addHeader(BufferPiece.CHUNK, Long.toString(number++));
        Parcel parcel = new Parcel.Ready(pages.chunk(header, cursor.check()), options, length, true);
        cursor.pass();
        return parcel;
    }
}
