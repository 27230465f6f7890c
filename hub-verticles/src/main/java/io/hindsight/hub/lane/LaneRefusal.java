package io.hindsight.hub.lane;

import java.util.Locale;

/** Why a lane was not opened, or ended by the Hub. */
public enum LaneRefusal {
    /** The request asks for no lane, or for one of another version. */
    NO_UPGRADE,
    /** The request has no one-time token. */
    NO_TOKEN,
    /** The token was never issued, or so long ago that nobody remembers. */
    UNKNOWN_TOKEN,
    /** The token has opened a lane before. */
    USED_TOKEN,
    /** The token's time was over, or its session took it back. */
    EXPIRED_TOKEN,
    /** The token is of a node that the caller does not join as. */
    OTHER_NODE,
    /** What came is not a chunk of the ordered node. */
    BYTES,
    /** Nothing came for too long, or too little. */
    STALLED,
    /** More came than was asked for, from a peer that had closed its side. */
    SURPLUS,
    /** Nobody takes the chunks any more. */
    NO_SESSION;

    /** Value of the metric's label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
