package io.hindsight.agent.capture.linux;

import io.hindsight.error.CapturePrivilege;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;

/** Turns failed system calls into words that say what to do. */
final class SystemCalls {
    private SystemCalls() {}

    /** The result, if it is none of {@code -errno}; {@code call} names the system call and what it was for. */
    static int require(int result, String call) {
        if (result < 0) {
            throw failure(call, -result);
        }
        return result;
    }

    /** As {@link #require(int, String)}. */
    static long require(long result, String call) {
        if (result < 0) {
            throw failure(call, (int) -result);
        }
        return result;
    }

    static HindsightException failure(String call, int errno) {
        if (errno == SocketConstants.EPERM || errno == SocketConstants.EACCES) {
            return new HindsightException(ErrorCode.MISSING_PRIVILEGE, missingPrivilege(call));
        }
        return new HindsightException(
                ErrorCode.IO_FAILED, call + " failed: " + LibC.errorText(errno) + " (errno=" + errno + ").");
    }

    private static String missingPrivilege(String call) {
        return "Recording packets needs a privilege that this process lacks ("
                + call
                + " was refused). Run: sudo ./hindsight up — or grant it to this JDK once: "
                + CapturePrivilege.grantingLine()
                + ". To record from a file instead, which needs no privilege: --replay FILE.";
    }
}
