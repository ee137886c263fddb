using System.Reflection;
using System.Runtime.CompilerServices;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>Compiles every method of an assembly, as ilverify would read it: IL that is not valid does not compile.</summary>
internal static class IlGate
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Compiles all methods and gives how many, and what was thrown by those that failed.</summary>
    internal static (int Compiled, List<string> Failed) Jit(Assembly assembly)
    {
        int compiled = 0;
        List<string> failed = [];
        foreach (MethodBase method in Types(assembly).SelectMany(t => t.GetMethods(All).Concat<MethodBase>(t.GetConstructors(All))))
        {
            if (method.IsAbstract || (method.MethodImplementationFlags & (MethodImplAttributes.Runtime | MethodImplAttributes.InternalCall)) != 0
                || (method.Attributes & MethodAttributes.PinvokeImpl) != 0)
            {
                continue;
            }

            try
            {
                Prepare(method);
                compiled++;
            }
            catch (Exception e)
            {
                failed.Add($"{method.DeclaringType}::{method}: {e.GetType().Name}: {e.Message}");
            }
        }

        return (compiled, failed);
    }

    internal static void AssertJits(Assembly assembly)
    {
        (int compiled, List<string> failed) = Jit(assembly);
        Assert.Empty(failed);
        Assert.True(compiled > 0);
    }

    private static void Prepare(MethodBase method)
    {
        RuntimeTypeHandle[] arguments =
        [
            .. Arguments(method.DeclaringType!.GetGenericArguments()),
            .. method.IsGenericMethodDefinition ? Arguments(method.GetGenericArguments()) : [],
        ];
        if (arguments.Length == 0)
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
        }
        else
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle, arguments);
        }
    }

    // Any type that meets the constraints will do; object shares code with every class.
    private static IEnumerable<RuntimeTypeHandle> Arguments(Type[] parameters) => parameters.Select(p =>
        ((p.GenericParameterAttributes & GenericParameterAttributes.NotNullableValueTypeConstraint) != 0 ? typeof(int)
            : p.GetGenericParameterConstraints().FirstOrDefault(c => c.IsClass && c != typeof(ValueType) && !c.ContainsGenericParameters)
                ?? typeof(object))
        .TypeHandle);

    private static Type[] Types(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return [.. e.Types.OfType<Type>()];
        }
    }
}
