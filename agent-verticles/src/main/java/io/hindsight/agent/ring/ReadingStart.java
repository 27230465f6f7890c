package io.hindsight.agent.ring;

/** Whether a slot's memory may be read where it lies. */
public enum ReadingStart {
    /** It may, and stays as it is until {@link Ring#endReading}. */
    BEGUN,

    /** So many other slots are being read that capture might be left without one: to be asked for again. */
    LATER,

    /** The slot no longer holds the chunk. */
    GONE
}
