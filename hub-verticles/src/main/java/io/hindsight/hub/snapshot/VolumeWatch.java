package io.hindsight.hub.snapshot;

import io.hindsight.api.VolumeStatus;
import io.hindsight.api.VolumeStatus.Level;
import io.hindsight.bus.Addresses;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How near the volume's quota is: told once when that changes. One context. */
final class VolumeWatch {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeWatch.class);
    private static final long WARNING_PERCENT = 80;
    private static final long CRITICAL_PERCENT = 95;

    private final HubResources hub;
    private Level told = Level.OK;

    VolumeWatch(HubResources hub) {
        this.hub = hub;
    }

    /** Snapshots were sealed or deleted. */
    void changed() {
        Level level = level(hub.budget().keptBytes(), hub.budget().quotaBytes());
        if (level == told) {
            return;
        }
        told = level;
        if (level == Level.OK) {
            LOG.info("The snapshot volume is below {} % of its quota again.", WARNING_PERCENT);
        } else {
            LOG.warn(
                    "The snapshot volume is near its quota: level={} used={} quota={} bytes. Delete snapshots, or raise quota.",
                    level,
                    hub.budget().keptBytes(),
                    hub.budget().quotaBytes());
        }
        status().onSuccess(this::publish)
                .onFailure(failure -> LOG.warn("How full the volume is could not be told: {}", failure.getMessage()));
    }

    static Level level(long usedBytes, long quotaBytes) {
        if (quotaBytes == 0 || usedBytes < share(quotaBytes, WARNING_PERCENT)) {
            return Level.OK;
        }
        return usedBytes < share(quotaBytes, CRITICAL_PERCENT) ? Level.WARNING : Level.CRITICAL;
    }

    private static double share(long quotaBytes, long percent) {
        return quotaBytes / 100.0 * percent;
    }

    private void publish(VolumeStatus status) {
        hub.vertx()
                .eventBus()
                .publish(
                        Addresses.EVENTS,
                        new JsonObject().put("type", "volume").put("volume", JsonMapping.toJson(status)));
    }

    Future<VolumeStatus> status() {
        long quota = hub.budget().quotaBytes();
        return hub.onWriter(() -> hub.store().usableBytes())
                .map(free ->
                        new VolumeStatus(
                                quota,
                                hub.budget().keptBytes(),
                                hub.budget().promisedBytes(),
                                free,
                                level(hub.budget().keptBytes(), quota)));
    }
}
