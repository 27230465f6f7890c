package io.hindsight.hub.http;

import io.hindsight.hub.access.FileReload;
import io.hindsight.hub.access.FileReloads;
import io.micrometer.core.instrument.Tag;
import org.jspecify.annotations.Nullable;

/** What there is to know of who is let in, and by which files. Stateless. */
final class AccessMeters {
    private AccessMeters() {}

    static void register(
            HubMetrics metrics, AuthenticationCheck authentication, FileReloads reloads, @Nullable TlsReload tls) {
        metrics.gauge(
                "hindsight.authentication.waiting",
                "Requests that wait to be told who holds their token.",
                authentication,
                AuthenticationCheck::waiting);
        metrics.counter(
                "hindsight.authentication.refused",
                "Requests refused because too many waited to be told who holds their token.",
                authentication,
                AuthenticationCheck::overLimit);
        metrics.counter(
                "hindsight.authentication.undecided",
                "Requests of which nobody could say who holds their token.",
                authentication,
                AuthenticationCheck::undecided);
        for (FileReload files : reloads.all()) {
            register(metrics, files);
        }
        if (tls != null) {
            metrics.gauge(
                    "hindsight.tls.certificate.expiry.seconds",
                    "Until the certificate that is shown expires; negative afterwards.",
                    tls,
                    TlsReload::secondsToExpiry);
        }
    }

    private static void register(HubMetrics metrics, FileReload files) {
        Tag label = Tag.of("files", files.name());
        metrics.counter(
                "hindsight.file.reloads", "Changes of files that are in use.", label, files, FileReload::reloads);
        metrics.counter(
                "hindsight.file.reload.failures",
                "Changes of files that could not be used.",
                label,
                files,
                FileReload::failures);
    }
}
