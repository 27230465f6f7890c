package io.hindsight.bus;

/**
 * How the Hub's readings stand.
 *
 * @param readers open now
 * @param lingering that have ended, and whose reader in this process has not given back every chunk
 * @param chunks sent since the Hub started
 * @param bytes sent since the Hub started
 * @param expired readings that ended because nothing was heard of their reader
 * @param heldBytes in copies on their way to other processes
 */
public record ReadStatus(int readers, int lingering, long chunks, long bytes, long expired, long heldBytes) {}
