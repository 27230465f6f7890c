package io.hindsight.error;

import org.jspecify.annotations.Nullable;

/**
 * What is wrong with one of several requests that came together.
 *
 * @param item its index, from 0
 * @param code as if it had come alone
 * @param field of that request, where one is at fault
 * @param message whole sentence
 */
public record ItemFault(int item, ErrorCode code, @Nullable String field, String message) {
    /** {@code requests[3].from}. */
    public String place() {
        return "requests[" + item + "]" + (field == null ? "" : "." + field);
    }
}
