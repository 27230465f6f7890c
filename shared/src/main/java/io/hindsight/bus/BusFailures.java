package io.hindsight.bus;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/**
 * {@link HindsightException}s across the event bus: the failure code is {@link ErrorCode#number()}, the failure message a JSON object
 * with {@code message} and, where there is one, {@code field}.
 */
public final class BusFailures {
    private BusFailures() {}

    /** Fails the message with the error's code; anything else than a {@link HindsightException} becomes {@link ErrorCode#INTERNAL}. */
    public static void fail(Message<?> message, Throwable error) {
        HindsightException known = asHindsight(error);
        JsonObject detail = new JsonObject().put("message", known.getMessage());
        if (known.field() != null) {
            detail.put("field", known.field());
        }
        message.fail(known.code().number(), detail.encode());
    }

    /** The error behind a failed request: also time-outs, missing receivers and plain exceptions. */
    public static HindsightException asHindsight(Throwable error) {
        if (error instanceof HindsightException known) {
            return known;
        }
        if (error instanceof ReplyException reply) {
            return ofReply(reply);
        }
        return new HindsightException(
                ErrorCode.INTERNAL,
                "Unexpected failure: " + error.getClass().getSimpleName() + ": " + error.getMessage(),
                error);
    }

    private static HindsightException ofReply(ReplyException reply) {
        return switch (reply.failureType()) {
            case NO_HANDLERS ->
                    new HindsightException(ErrorCode.AGENT_UNREACHABLE, "Nobody listens there: " + reply.getMessage());
            case TIMEOUT -> new HindsightException(ErrorCode.TIMED_OUT, "No answer in time: " + reply.getMessage());
            case RECIPIENT_FAILURE, ERROR -> ofRecipient(reply);
        };
    }

    private static HindsightException ofRecipient(ReplyException reply) {
        ErrorCode code = ErrorCode.ofNumber(reply.failureCode()).orElse(ErrorCode.INTERNAL);
        String text = String.valueOf(reply.getMessage());
        JsonObject detail = detail(text);
        String message = detail.getString("message", text);
        String field = detail.getString("field");
        return field == null ? new HindsightException(code, message) : HindsightException.ofField(code, field, message);
    }

    /** Empty where a peer that is not Hindsight failed with words of its own. */
    private static JsonObject detail(String text) {
        try {
            return text.startsWith("{") ? new JsonObject(text) : new JsonObject();
        } catch (DecodeException notJson) {
            return new JsonObject();
        }
    }
}
