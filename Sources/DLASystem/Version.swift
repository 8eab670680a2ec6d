/// The version of the package.
package let packageVersion = "0.1.0"
