/** The objects of the HTTP API and of the {@code hindsight.snapshots} address, as JSON. */
@NullMarked
package io.hindsight.api;

import org.jspecify.annotations.NullMarked;
