@NullMarked
package io.hindsight.error;

import org.jspecify.annotations.NullMarked;
