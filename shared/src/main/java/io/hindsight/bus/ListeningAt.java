package io.hindsight.bus;

/**
 * {@link CaptureAction#LISTENING}: where the Hub's HTTP side has come to listen. Immutable.
 *
 * @param host as configured: a name, an address, or the unspecified address for all of the machine's
 * @param port TCP, the real one
 */
public record ListeningAt(String host, int port) {}
