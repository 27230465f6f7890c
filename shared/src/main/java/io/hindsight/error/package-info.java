/** The one error enum and the exception that carries it. */
@NullMarked
package io.hindsight.error;

import org.jspecify.annotations.NullMarked;
