package io.hindsight.agent.ring;

/** What a slot holds. The code is stored in the slot directory. */
public enum SlotState {
    /** Nothing that may be read. */
    FREE(0),
    /** A chunk that its writer is filling: the committed bytes may be read. */
    OPEN(1),
    /** A whole chunk. */
    SEALED(2),
    /** A chunk that recovery found broken: its times are kept, so that the loss can be told. */
    CORRUPT(3);

    private final int code;

    SlotState(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The state of a code; an unknown one can only be damage. */
    static SlotState ofCode(int code) {
        return switch (code) {
            case 0 -> FREE;
            case 1 -> OPEN;
            case 2 -> SEALED;
            default -> CORRUPT;
        };
    }
}
