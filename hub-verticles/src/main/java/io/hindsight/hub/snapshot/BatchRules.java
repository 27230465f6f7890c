package io.hindsight.hub.snapshot;

import io.hindsight.api.BatchRequest;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.error.ItemFault;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a batch must be: every request of it is looked at, and one that is wrong refuses all. Stateless. */
final class BatchRules {
    /** Requests × nodes of one batch, and of all that run: each is a part with a plan and a file of its own. */
    static final int MAX_PARTS = 32_768;

    /** Faults that are told; of more, how many. */
    static final int MAX_FAULTS = 200;

    private static final String REQUESTS = "requests";

    private BatchRules() {}

    /**
     * The batch that a message asks for.
     *
     * @param checks throw what is wrong with one request, one thing each
     * @throws HindsightException with {@link HindsightException#items}, where requests are wrong
     */
    static BatchRequest read(JsonObject body, List<Consumer<SnapshotRequest>> checks) {
        JsonArray all = body.getValue(REQUESTS) instanceof JsonArray array ? array : new JsonArray();
        if (all.isEmpty() || all.size() > BatchRequest.MAX_REQUESTS) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    REQUESTS,
                    "A batch has 1 to " + BatchRequest.MAX_REQUESTS + " requests, got " + all.size() + ".");
        }
        List<SnapshotRequest> requests = new ArrayList<>();
        List<ItemFault> faults = new ArrayList<>();
        for (int item = 0; item < all.size(); item++) {
            SnapshotRequest request = request(all, item, faults);
            if (request != null) {
                check(item, request, checks, faults);
                requests.add(request);
            }
        }
        if (!faults.isEmpty()) {
            throw refused(faults, all.size());
        }
        return new BatchRequest(name(body), requests);
    }

    private static @Nullable String name(JsonObject body) {
        Object name = body.getValue("name");
        if (name != null && !(name instanceof String)) {
            throw HindsightException.ofField(ErrorCode.INVALID_REQUEST, "name", "A name is text.");
        }
        return (String) name;
    }

    private static @Nullable SnapshotRequest request(JsonArray all, int item, List<ItemFault> faults) {
        try {
            if (all.getValue(item) instanceof JsonObject object) {
                return JsonMapping.fromJson(object, SnapshotRequest.class);
            }
            faults.add(new ItemFault(item, ErrorCode.INVALID_REQUEST, null, "A request is an object."));
        } catch (HindsightException unreadable) {
            faults.add(fault(item, unreadable));
        }
        return null;
    }

    private static void check(
            int item, SnapshotRequest request, List<Consumer<SnapshotRequest>> checks, List<ItemFault> faults) {
        for (Consumer<SnapshotRequest> check : checks) {
            try {
                check.accept(request);
            } catch (HindsightException wrong) {
                faults.add(fault(item, wrong));
            }
        }
    }

    private static ItemFault fault(int item, HindsightException wrong) {
        return new ItemFault(item, wrong.code(), wrong.field(), String.valueOf(wrong.getMessage()));
    }

    /** With the code of the first where all have the same. */
    private static HindsightException refused(List<ItemFault> faults, int requests) {
        ItemFault first = faults.getFirst();
        boolean alike = faults.stream().allMatch(fault -> fault.code() == first.code());
        long wrong = faults.stream().map(ItemFault::item).distinct().count();
        String message =
                wrong
                        + " of requests="
                        + requests
                        + " cannot be taken, so that none is begun; the first: "
                        + first.place()
                        + ": "
                        + first.message()
                        + (faults.size() > MAX_FAULTS
                                ? " Of faults=" + faults.size() + " the first " + MAX_FAULTS + " are told."
                                : "");
        return HindsightException.ofItems(
                alike ? first.code() : ErrorCode.INVALID_REQUEST,
                first.place(),
                message,
                faults.subList(0, Math.min(MAX_FAULTS, faults.size())));
    }
}
