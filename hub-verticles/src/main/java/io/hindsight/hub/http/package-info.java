/** The HTTP API: contract, routes, problem details, live events, health and metrics. */
@NullMarked
package io.hindsight.hub.http;

import org.jspecify.annotations.NullMarked;
