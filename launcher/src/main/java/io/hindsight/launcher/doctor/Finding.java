package io.hindsight.launcher.doctor;

/**
 * What one check found.
 *
 * @param check short name
 * @param status whether it is as it should be
 * @param detail what is there
 * @param remedy how to mend it; empty where nothing is to be done
 */
record Finding(String check, Status status, String detail, String remedy) {
    /** How much it matters. */
    enum Status {
        OK,
        /** Recording works; something is slower, weaker or missing. */
        WEAK,
        /** Recording cannot work. */
        BROKEN
    }

    static Finding ok(String check, String detail) {
        return new Finding(check, Status.OK, detail, "");
    }

    static Finding weak(String check, String detail, String remedy) {
        return new Finding(check, Status.WEAK, detail, remedy);
    }

    static Finding broken(String check, String detail, String remedy) {
        return new Finding(check, Status.BROKEN, detail, remedy);
    }
}
