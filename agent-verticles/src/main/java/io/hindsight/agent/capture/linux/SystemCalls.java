package io.hindsight.agent.capture.linux;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Path;

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

    /**
     * The loader lets a program with capabilities search no path of its own, so java would not find its libraries: hence the second half
     * of the line.
     */
    private static String missingPrivilege(String call) {
        Path java = javaBinary();
        Path libraries = java.resolveSibling("../lib").normalize();
        return "Recording packets needs a privilege that this process lacks ("
                + call
                + " was refused). Grant it once:"
                + " sudo setcap cap_net_raw,cap_net_admin+ep "
                + java
                + " && echo "
                + libraries
                + " | sudo tee /etc/ld.so.conf.d/hindsight-java.conf && sudo ldconfig"
                + " — or run: sudo ./hindsight up."
                + " To record from a file instead, which needs no privilege: --replay FILE.";
    }

    /** Without links: {@code setcap} does not follow them. */
    private static Path javaBinary() {
        Path link = Path.of(System.getProperty("java.home"), "bin", "java");
        try {
            return link.toRealPath();
        } catch (IOException absent) {
            return link; // an image without a launcher: the name is the best there is
        }
    }
}
