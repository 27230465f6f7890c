/** The way to Kubernetes' API server, which agents and Hub have in common. */
@NullMarked
package io.hindsight.kubernetes;

import org.jspecify.annotations.NullMarked;
