/** Configuration: one record per role, loaded from file, environment and options, in that order. */
@NullMarked
package io.hindsight.config;

import org.jspecify.annotations.NullMarked;
