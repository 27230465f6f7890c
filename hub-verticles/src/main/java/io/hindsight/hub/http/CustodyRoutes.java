package io.hindsight.hub.http;

import io.hindsight.api.CustodyQuery;
import io.hindsight.bus.CustodyCall;
import io.hindsight.json.JsonMapping;
import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.validation.RequestParameter;
import org.jspecify.annotations.Nullable;

/** {@code /custody}. Stateless. */
final class CustodyRoutes {
    private final BusClient hub;

    CustodyRoutes(BusClient hub) {
        this.hub = hub;
    }

    void list(RoutingContext context) {
        CustodyQuery query =
                new CustodyQuery(
                        Parameters.text(context, "snapshot"),
                        Parameters.text(context, "action"),
                        Parameters.text(context, "who"),
                        Parameters.time(context, "from"),
                        Parameters.time(context, "to"),
                        before(context),
                        Parameters.number(context, "limit"));
        hub.custody(CustodyCall.LIST, JsonMapping.toJson(query))
                .onSuccess(page -> Answers.json(context, 200, page))
                .onFailure(context::fail);
    }

    private static @Nullable Long before(RoutingContext context) {
        RequestParameter value = Parameters.of(context).getQuery().get("before");
        return value == null || value.isNull() ? null : value.getLong();
    }
}
