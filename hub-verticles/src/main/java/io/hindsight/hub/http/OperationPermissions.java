package io.hindsight.hub.http;

import io.hindsight.bus.Addresses;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Caller;
import io.hindsight.hub.access.Permission;
import io.hindsight.hub.access.Role;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Who may do what: the one table. An operation that is not in it cannot be routed.
 *
 * <p>Outside the contract: {@code /health/…} needs nothing and says nothing of traffic; {@code /metrics} takes {@link #METRICS}; link and lane are for callers
 * that join, of the node that they may join as; of a path that does not exist those are told who use the API at all. {@code /events} gives every reader what
 * GET shows and nothing else ({@link HubEvent} has the types).
 */
final class OperationPermissions {
    /** Of {@code /metrics}: numbers and names of nodes. */
    static final Permission METRICS = Permission.GET;

    private static final Map<String, Permission> PERMISSIONS =
            Map.ofEntries(
                    Map.entry("getContract", Permission.GET),
                    Map.entry("listNodes", Permission.GET),
                    Map.entry("getBoundaries", Permission.GET),
                    Map.entry("listSnapshots", Permission.GET),
                    Map.entry("getSnapshot", Permission.GET),
                    Map.entry("getManifest", Permission.GET),
                    Map.entry("getTimeline", Permission.GET),
                    Map.entry("streamEvents", Permission.GET),
                    Map.entry("getCapture", Permission.GET),
                    Map.entry("createSnapshot", Permission.CREATE),
                    Map.entry("createBatch", Permission.CREATE),
                    Map.entry("getBatch", Permission.GET),
                    Map.entry("cancelBatch", Permission.CREATE),
                    Map.entry("cancelSnapshot", Permission.CREATE),
                    Map.entry("endSnapshot", Permission.CREATE),
                    Map.entry("exportPackets", Permission.EXPORT),
                    Map.entry("headPackets", Permission.EXPORT),
                    Map.entry("exportRecords", Permission.EXPORT),
                    Map.entry("listFlows", Permission.EXPORT),
                    Map.entry("listSnapshotWorkloads", Permission.EXPORT),
                    Map.entry("listSnapshotAddresses", Permission.EXPORT),
                    Map.entry("listWorkloads", Permission.EXPORT),
                    Map.entry("listAddresses", Permission.EXPORT),
                    Map.entry("verifySnapshot", Permission.VERIFY),
                    Map.entry("deleteSnapshot", Permission.DELETE),
                    Map.entry("getRetention", Permission.DELETE),
                    Map.entry("lockSnapshot", Permission.LOCK),
                    Map.entry("setCapture", Permission.CAPTURE),
                    Map.entry("listCustody", Permission.AUDIT));

    /** What each action that programs may ask over the bridge is in the contract; those of {@link #SCRAPED} are told by {@code /metrics} alone. */
    private static final Map<String, String> OPERATIONS =
            Map.ofEntries(
                    Map.entry(Addresses.SNAPSHOTS + " CREATE", "createSnapshot"),
                    Map.entry(Addresses.SNAPSHOTS + " LIST", "listSnapshots"),
                    Map.entry(Addresses.SNAPSHOTS + " GET", "getSnapshot"),
                    Map.entry(Addresses.SNAPSHOTS + " CANCEL", "cancelSnapshot"),
                    Map.entry(Addresses.SNAPSHOTS + " END", "endSnapshot"),
                    Map.entry(Addresses.SNAPSHOTS + " BATCH", "createBatch"),
                    Map.entry(Addresses.SNAPSHOTS + " GET_BATCH", "getBatch"),
                    Map.entry(Addresses.SNAPSHOTS + " CANCEL_BATCH", "cancelBatch"),
                    Map.entry(Addresses.SNAPSHOTS + " DELETE", "deleteSnapshot"),
                    Map.entry(Addresses.SNAPSHOTS + " VERIFY", "verifySnapshot"),
                    Map.entry(Addresses.SNAPSHOTS + " MANIFEST", "getManifest"),
                    Map.entry(Addresses.SNAPSHOTS + " LOCK", "lockSnapshot"),
                    Map.entry(Addresses.SNAPSHOTS + " RETENTION", "getRetention"),
                    Map.entry(Addresses.NODES + " LIST", "listNodes"),
                    Map.entry(Addresses.NODES + " BOUNDARIES", "getBoundaries"),
                    // What a read hands out is what an export does.
                    Map.entry(Addresses.READS + " OPEN", "exportPackets"),
                    Map.entry(Addresses.READS + " CREDIT", "exportPackets"),
                    Map.entry(Addresses.READS + " CLOSE", "exportPackets"));

    private static final Set<String> SCRAPED =
            Set.of(Addresses.SNAPSHOTS + " SCRUB_STATUS", Addresses.SNAPSHOTS + " VOLUME");

    private OperationPermissions() {}

    /** What an action at an address of the bus takes of a program at the bridge; empty of one that nobody has thought about, which is refused. */
    static Optional<Permission> ofAction(String address, String action) {
        String key = address + " " + action;
        return SCRAPED.contains(key)
                ? Optional.of(METRICS)
                : Optional.ofNullable(OPERATIONS.get(key)).map(OperationPermissions::of);
    }

    /**
     * Whether a request that creates asks for a lock as well, or one of several requests does. That takes LOCK: else whoever may create could keep everybody from
     * deleting, and so fill the volume for good.
     */
    static boolean locks(JsonObject body) {
        return body.getValue("lockUntil") != null
                || (body.getValue("requests") instanceof JsonArray requests
                        && requests.stream().anyMatch(each -> each instanceof JsonObject one && locks(one)));
    }

    /** The actions of an address that programs may ask. */
    static List<String> actions(String address) {
        return Stream.concat(OPERATIONS.keySet().stream(), SCRAPED.stream())
                .filter(key -> key.startsWith(address + " "))
                .map(key -> key.substring(address.length() + 1))
                .sorted()
                .toList();
    }

    /** What it takes; IllegalStateException of an operation that nobody has thought about. */
    static Permission of(String operation) {
        Permission permission = PERMISSIONS.get(operation);
        if (permission == null) {
            throw new IllegalStateException("No permission is named for operation=" + operation + " of the contract.");
        }
        return permission;
    }

    /** Every operation of the table. */
    static Set<String> operations() {
        return PERMISSIONS.keySet();
    }

    /** Lets pass who may do this operation. */
    static Handler<RoutingContext> required(String operation) {
        return required(operation, of(operation));
    }

    /** Lets pass who has this permission; {@code what} is asked for. */
    static Handler<RoutingContext> required(String what, Permission permission) {
        return context -> {
            require(context, what, permission);
            context.next();
        };
    }

    /** Lets pass who may do the operation that the path means: ahead of the body, which is not worth taking from anybody else. The route asks again. */
    static Handler<RoutingContext> requiredBy(OpenAPIContract contract) {
        return context -> {
            Operation operation = contract.findOperation(context.request().path(), context.request().method());
            if (operation != null) {
                require(context, operation.getOperationId(), of(operation.getOperationId()));
            }
            context.next();
        };
    }

    /** Throws FORBIDDEN where the caller has not got the permission. */
    static void require(RoutingContext context, String what, Permission permission) {
        require(AuthenticationCheck.who(context), what, permission);
    }

    /** Throws FORBIDDEN where the caller has not got the permission. */
    static void require(Caller caller, String what, Permission permission) {
        if (!caller.may(permission)) {
            throw HindsightException.ofField(
                    ErrorCode.FORBIDDEN,
                    "Authorization",
                    "The caller "
                            + caller.name()
                            + " may not "
                            + what
                            + ": that takes permission="
                            + permission.verb()
                            + ", which role="
                            + Role.granting(permission).label()
                            + " grants, or in Kubernetes the verb "
                            + permission.verb()
                            + " on "
                            + Permission.RESOURCE
                            + "."
                            + Permission.GROUP
                            + ".");
        }
    }
}
